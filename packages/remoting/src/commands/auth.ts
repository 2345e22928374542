import { defineCommand } from '../schema/command.js'
import { optional, string } from '../schema/field.js'

const user = { username: optional(string('name of the user')) }
const acl = { subject: optional(string('User:name')) }

/** Creates a user. */
export const AuthCreateUser = defineCommand({
  code: 3001,
  name: 'AUTH_CREATE_USER',
  access: 'admin',
  servedBy: ['broker'],
  request: user,
  requestBody: 'UserInfo',
})

/** Changes a user. */
export const AuthUpdateUser = defineCommand({
  code: 3002,
  name: 'AUTH_UPDATE_USER',
  access: 'admin',
  servedBy: ['broker'],
  request: user,
  requestBody: 'UserInfo',
})

/** Deletes a user. */
export const AuthDeleteUser = defineCommand({
  code: 3003,
  name: 'AUTH_DELETE_USER',
  access: 'admin',
  servedBy: ['broker'],
  request: user,
})

/** Describes a user. */
export const AuthGetUser = defineCommand({
  code: 3004,
  name: 'AUTH_GET_USER',
  access: 'admin',
  servedBy: ['broker'],
  request: user,
  responseBody: 'UserInfo',
})

/** Lists users. */
export const AuthListUser = defineCommand({
  code: 3005,
  name: 'AUTH_LIST_USER',
  access: 'admin',
  servedBy: ['broker'],
  request: { filter: optional(string('part of the name')) },
  responseBody: 'array of UserInfo',
})

/** Gives a user permissions. */
export const AuthCreateAcl = defineCommand({
  code: 3006,
  name: 'AUTH_CREATE_ACL',
  access: 'admin',
  servedBy: ['broker'],
  request: acl,
  requestBody: 'AclInfo',
})

/** Changes a user's permissions. */
export const AuthUpdateAcl = defineCommand({
  code: 3007,
  name: 'AUTH_UPDATE_ACL',
  access: 'admin',
  servedBy: ['broker'],
  request: acl,
  requestBody: 'AclInfo',
})

/** Takes a user's permissions. */
export const AuthDeleteAcl = defineCommand({
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
export const AuthGetAcl = defineCommand({
  code: 3009,
  name: 'AUTH_GET_ACL',
  access: 'admin',
  servedBy: ['broker'],
  request: acl,
  responseBody: 'AclInfo',
})

/** Lists permissions. */
export const AuthListAcl = defineCommand({
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
