import type { Fields } from './field.js'
import { compileHeader, type HeaderCodec, type HeaderInput, type HeaderValues } from './header.js'

/**
 * Who may send a command once access is enforced. `anyone`: whoever is connected; `publisher` and `subscriber`: whoever may
 * write to, respectively read from, the named topic and group; `admin`: operators; `internal`: brokers, name servers and
 * controllers among themselves, and brokers to the clients connected to them.
 */
export type Access = 'anyone' | 'publisher' | 'subscriber' | 'admin' | 'internal'

/** A process that answers a command. */
export type Server = 'broker' | 'nameServer' | 'client' | 'controller'

/** What a command is, without the types of its headers. */
export interface CommandDescription {
  /** The request code on the wire. */
  readonly code: number
  /** The constant's name in Java's RequestCode. */
  readonly name: string
  readonly access: Access
  /** Empty when RocketMQ has the code but no process answers it any more. */
  readonly servedBy: readonly Server[]
  /** What the request's body holds; absent when it has none. */
  readonly requestBody?: string
  /** What the response's body holds; absent when it has none. */
  readonly responseBody?: string
  /** True when senders expect no answer. */
  readonly oneway?: boolean
}

/** A command as its file writes it: description and the two tables of header fields. */
export interface CommandDefinition<Q extends Fields, R extends Fields> extends CommandDescription {
  /** Left out when the request has no header fields. */
  readonly request?: Q
  /** Left out when the response has no header fields. */
  readonly response?: R
}

/** A command: one row of RocketMQ's protocol. The types of what is sent and received derive from its tables of fields. */
export interface Command<Q extends Fields = Fields, R extends Fields = Fields> extends CommandDescription {
  /** False for codes above 32767, which a ROCKETMQ (binary) header cannot carry. */
  readonly binaryHeader: boolean
  readonly oneway: boolean
  readonly requestHeader: HeaderCodec<HeaderValues<Q>, HeaderInput<Q>>
  readonly responseHeader: HeaderCodec<HeaderValues<R>, HeaderInput<R>>
}

/** What a handler of a command receives. */
export type RequestOf<C extends Command> = ReturnType<C['requestHeader']['decode']>
/** What a caller of a command gets. */
export type ResponseOf<C extends Command> = ReturnType<C['responseHeader']['decode']>
/** What a caller of a command passes: fields with a default may be left out. */
export type RequestInput<C extends Command> = Parameters<C['requestHeader']['encode']>[0]
/** What a handler of a command answers: fields with a default may be left out. */
export type ResponseInput<C extends Command> = Parameters<C['responseHeader']['encode']>[0]

/** The largest code the 16 bits of a binary header hold. */
const maxBinaryHeaderCode = 32_767

// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- a header without fields is meant
type NoFields = Record<never, never>
const noFields: Fields = {}

/** Makes a command of its definition, compiling both header codecs once. */
export function defineCommand<const Q extends Fields = NoFields, const R extends Fields = NoFields>(
  definition: CommandDefinition<Q, R>,
): Command<Q, R> {
  const { request, response, ...description } = definition
  return {
    ...description,
    oneway: definition.oneway ?? false,
    binaryHeader: definition.code <= maxBinaryHeaderCode,
    requestHeader: compileHeader(definition.name, request ?? (noFields as Q)),
    responseHeader: compileHeader(`${definition.name} response`, response ?? (noFields as R)),
  }
}
