// The demo that `npm start` shows: the workspace is installed and built when this runs.
process.stdout.write('The demo is not written yet.\n')
