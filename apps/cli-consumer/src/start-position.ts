/** Where to begin in a topic: at its first message, behind its last, or at a time in milliseconds since the epoch. */
export type StartPosition = 'first' | 'last' | { readonly timestamp: number }

const isoTime = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/
const compactTime = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/
const epochMs = /^\d{9,13}$/

/**
 * Reads `first`, `last`, an ISO time, `yyyyMMddHHmmss` or milliseconds since the epoch; times without a zone are local, a date
 * alone is its midnight. Undefined for anything else, and for dates that do not exist.
 */
export function parseStartPosition(text: string): StartPosition | undefined {
  if (text === 'first' || text === 'last') return text
  const timestamp = epochMs.test(text) ? Number(text) : (localTime(text) ?? Number.NaN)
  return Number.isFinite(timestamp) ? { timestamp } : undefined
}

function localTime(text: string): number | undefined {
  const compact = compactTime.exec(text)
  if (compact !== null) {
    const [, year, month, day, hour, minute, second] = compact
    return existing(`${year!}-${month!}-${day!}T${hour!}:${minute!}:${second!}`)
  }
  if (!isoTime.test(text)) return undefined
  // JavaScript takes a date alone for midnight in Greenwich.
  return existing(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'))
}

/** JavaScript takes 30 February for the second of March. */
function existing(iso: string): number | undefined {
  const day = iso.slice(0, 10)
  const midnight = new Date(`${day}T00:00Z`)
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined
  return Date.parse(iso)
}
