import { booleanMember, decodeJsonBody, encodeJsonBody, textMember } from '../codec/json-body.js'

/** Whether a group may read a topic. Java: GroupForbidden. */
export interface GroupForbidden {
  readonly group: string
  readonly topic: string
  readonly readable: boolean
}

/** Body of the answer to UPDATE_AND_GET_GROUP_FORBIDDEN. */
export function encodeGroupForbidden({ group, readable, topic }: GroupForbidden): Buffer {
  return encodeJsonBody({ group, readable, topic })
}

/** Body of the answer to UPDATE_AND_GET_GROUP_FORBIDDEN. @throws RemotingCommandError when it is no JSON object. */
export function decodeGroupForbidden(bytes: Buffer): GroupForbidden {
  const object = decodeJsonBody(bytes, 'GroupForbidden')
  return {
    group: textMember(object, 'group') ?? '',
    topic: textMember(object, 'topic') ?? '',
    readable: booleanMember(object, 'readable') ?? true,
  }
}
