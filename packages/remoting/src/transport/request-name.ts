import { RequestCode } from '../commands/request-code.js'
import { ResponseCode } from '../commands/response-code.js'

function namesByCode(codes: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(codes).map(([name, code]) => [code, name]))
}

const requestNames = namesByCode(RequestCode)
const responseNames = namesByCode(ResponseCode)

/** A request as logs and error messages name it: SEND_MESSAGE, or `request 4711`. */
export function requestName(code: number): string {
  return requestNames.get(code) ?? `request ${code}`
}

/** A response code as logs and error messages name it: `SYSTEM_BUSY (2)`. */
export function responseName(code: number): string {
  const name = responseNames.get(code)
  return name === undefined ? `response code ${code}` : `${name} (${code})`
}
