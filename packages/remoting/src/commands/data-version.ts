import { asJsonObject, decodeJsonBody, encodeJsonBody, integerMember } from '../codec/json-body.js'

/** The version of a table that brokers and name servers exchange; equal when all three numbers are. Java: DataVersion. */
export interface DataVersion {
  readonly counter: number
  readonly stateVersion: number
  /** Wall clock of the last change, ms. */
  readonly timestamp: number
}

/** The version after one more change. Java: DataVersion#nextVersion. */
export function nextDataVersion(
  version: DataVersion,
  now: number,
  stateVersion: number = version.stateVersion,
): DataVersion {
  return { counter: version.counter + 1, stateVersion, timestamp: now }
}

/** True when both are the same version. Java: DataVersion#equals. */
export function isSameDataVersion(left: DataVersion, right: DataVersion): boolean {
  return (
    left.counter === right.counter && left.stateVersion === right.stateVersion && left.timestamp === right.timestamp
  )
}

/** A version as a member of a JSON object; what is missing is 0. */
export function readDataVersion(value: unknown): DataVersion {
  const object = asJsonObject(value)
  return {
    counter: integerMember(object, 'counter'),
    stateVersion: integerMember(object, 'stateVersion'),
    timestamp: integerMember(object, 'timestamp'),
  }
}

/** The JSON object of a version, members in Java's order. */
export function dataVersionRecord({ counter, stateVersion, timestamp }: DataVersion): object {
  return { counter, stateVersion, timestamp }
}

/** Body of QUERY_DATA_VERSION. */
export function encodeDataVersion(version: DataVersion): Buffer {
  return encodeJsonBody(dataVersionRecord(version))
}

/** Body of QUERY_DATA_VERSION. @throws RemotingCommandError when it is no JSON object. */
export function decodeDataVersion(bytes: Buffer): DataVersion {
  return readDataVersion(decodeJsonBody(bytes, 'DataVersion'))
}
