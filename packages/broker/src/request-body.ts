import type { RequestContext } from '@mq/remoting'

/** The body of a request, empty when it has none. Borrowed: valid until the handler's first `await`. */
export function bodyOf({ body }: RequestContext): Buffer {
  return body ?? Buffer.alloc(0)
}
