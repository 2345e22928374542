import { type Command, defineCommand } from '../schema/command.js'
import { optional, string } from '../schema/field.js'

/** Java: CreateUserRequestHeader and those of the other requests about one user. */
export interface UserRequest {
  username?: string
}

/** Java: CreateAclRequestHeader and those of the other requests about one subject. */
export interface AclRequest {
  subject?: string
}

const user = { username: optional(string('name of the user')) }
const acl = { subject: optional(string('User:name')) }

/** Creates a user. */
export const AuthCreateUser: Command<UserRequest> = defineCommand({
  code: 3001,
  name: 'AUTH_CREATE_USER',
  access: 'admin',
  servedBy: ['broker'],
  request: user,
  requestBody: 'UserInfo',
})

/** Changes a user. */
export const AuthUpdateUser: Command<UserRequest> = defineCommand({
  code: 3002,
  name: 'AUTH_UPDATE_USER',
  access: 'admin',
  servedBy: ['broker'],
  request: user,
  requestBody: 'UserInfo',
})

/** Deletes a user. */
export const AuthDeleteUser: Command<UserRequest> = defineCommand({
  code: 3003,
  name: 'AUTH_DELETE_USER',
  access: 'admin',
  servedBy: ['broker'],
  request: user,
})

/** Describes a user. */
export const AuthGetUser: Command<UserRequest> = defineCommand({
  code: 3004,
  name: 'AUTH_GET_USER',
  access: 'admin',
  servedBy: ['broker'],
  request: user,
  responseBody: 'UserInfo',
})

/** Lists users. */
export const AuthListUser: Command<{ filter?: string }> = defineCommand({
  code: 3005,
  name: 'AUTH_LIST_USER',
  access: 'admin',
  servedBy: ['broker'],
  request: { filter: optional(string('part of the name')) },
  responseBody: 'array of UserInfo',
})

/** Gives a user permissions. */
export const AuthCreateAcl: Command<AclRequest> = defineCommand({
  code: 3006,
  name: 'AUTH_CREATE_ACL',
  access: 'admin',
  servedBy: ['broker'],
  request: acl,
  requestBody: 'AclInfo',
})

/** Changes a user's permissions. */
export const AuthUpdateAcl: Command<AclRequest> = defineCommand({
  code: 3007,
  name: 'AUTH_UPDATE_ACL',
  access: 'admin',
  servedBy: ['broker'],
  request: acl,
  requestBody: 'AclInfo',
})

/** Java: DeleteAclRequestHeader. */
export interface DeleteAclRequest extends AclRequest {
  policyType?: string
  resource?: string
}

/** Takes a user's permissions. */
export const AuthDeleteAcl: Command<DeleteAclRequest> = defineCommand({
  code: 3008,
  name: 'AUTH_DELETE_ACL',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    ...acl,
    policyType: optional(string('CUSTOM or DEFAULT')),
    resource: optional(string('only those about this resource')),
  },
})

/** Describes a user's permissions. */
export const AuthGetAcl: Command<AclRequest> = defineCommand({
  code: 3009,
  name: 'AUTH_GET_ACL',
  access: 'admin',
  servedBy: ['broker'],
  request: acl,
  responseBody: 'AclInfo',
})

/** Java: ListAclsRequestHeader. */
export interface ListAclsRequest {
  subjectFilter?: string
  resourceFilter?: string
}

/** Lists permissions. */
export const AuthListAcl: Command<ListAclsRequest> = defineCommand({
  code: 3010,
  name: 'AUTH_LIST_ACL',
  access: 'admin',
  servedBy: ['broker'],
  request: {
    subjectFilter: optional(string('part of the subject')),
    resourceFilter: optional(string('part of the resource')),
  },
  responseBody: 'array of AclInfo',
})
