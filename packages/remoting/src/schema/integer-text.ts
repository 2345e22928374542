const minusSign = 45
const plusSign = 43
const zeroDigit = 48
/** Digits of 2^53-1, less one: every number of so many digits is exact. */
const exactDigits = 15
const longMaxDigits = '9223372036854775807'
const longMinDigits = '9223372036854775808'

/** Reads what Java's Integer.parseInt accepts; undefined for anything else. */
export function parseInt32(text: string): number | undefined {
  const value = parseInt64(text)
  return value !== undefined && (value | 0) === value ? value : undefined
}

/** Reads what Java's Long.parseLong accepts, saturated to the safe integers; undefined for anything else. */
export function parseInt64(text: string): number | undefined {
  const first = text.charCodeAt(0)
  const start = first === minusSign || first === plusSign ? 1 : 0
  const digitCount = text.length - start
  if (digitCount === 0) return undefined
  let value = 0
  for (let index = start; index < text.length; index++) {
    const digit = text.charCodeAt(index) - zeroDigit
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  if (digitCount > exactDigits) return saturated(text.slice(start), first === minusSign)
  return first === minusSign ? 0 - value : value
}

function saturated(digits: string, isNegative: boolean): number | undefined {
  const significant = digits.replace(/^0+/, '')
  const limit = isNegative ? longMinDigits : longMaxDigits
  if (significant.length > limit.length || (significant.length === limit.length && significant > limit))
    return undefined
  const magnitude = Math.min(Number(significant), Number.MAX_SAFE_INTEGER)
  return isNegative ? -magnitude : magnitude
}
