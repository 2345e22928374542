import { type ErrorEntry, MqError } from '@mq/remoting'

/** Every error @mq/test-broker throws. */
export const testBrokerErrors: readonly ErrorEntry[] = [
  {
    code: 'TEST_BROKER_ARGUMENT',
    retryable: false,
    meaning: 'an option or argument of the test broker cannot be used',
    remedy: 'change the one that the message names',
  },
  {
    code: 'TEST_BROKER_STOPPED',
    retryable: false,
    meaning: 'the test broker was used after stop or close',
    remedy: 'call start again after stop; start another test broker after close',
  },
  {
    code: 'TEST_BROKER_WAIT',
    retryable: false,
    meaning: 'what a test waited for did not come in time',
    remedy: 'the message says what was there instead; correct the code under test, or raise timeoutMs',
  },
]

/** A code of the table above. */
export type TestBrokerErrorCode = 'TEST_BROKER_ARGUMENT' | 'TEST_BROKER_STOPPED' | 'TEST_BROKER_WAIT'

/** A test asked for what cannot be, or waited in vain; `code` tells which. */
export class TestBrokerError extends MqError {
  override readonly name: string = 'TestBrokerError'

  constructor(code: TestBrokerErrorCode, message: string) {
    super(message, { code, retryable: false })
  }
}
