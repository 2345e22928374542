// A worker whose runner was killed ends at once, and takes its peers and their folders along.
process.on('disconnect', () => process.exit(1))
