import { type Command, defineCommand } from '../schema/command.js'

/** Codes RocketMQ still names and nobody answers: whoever sends one is told REQUEST_CODE_NOT_SUPPORTED. */
export const retiredCommands: readonly Command[] = [
  retired(13, 'QUERY_BROKER_OFFSET'),
  retired(22, 'GET_TOPIC_CONFIG_LIST'),
  retired(23, 'GET_TOPIC_NAME_LIST'),
  retired(27, 'TRIGGER_DELETE_FILES'),
  retired(47, 'GET_CLIENT_CONFIG'),
  retired(209, 'SUSPEND_CONSUMER'),
  retired(210, 'RESUME_CONSUMER'),
  retired(211, 'RESET_CONSUMER_OFFSET_IN_CONSUMER'),
  retired(212, 'RESET_CONSUMER_OFFSET_IN_BROKER'),
  retired(213, 'ADJUST_CONSUMER_THREAD_POOL'),
  retired(214, 'WHO_CONSUME_THE_MESSAGE'),
  retired(301, 'REGISTER_FILTER_SERVER'),
  retired(302, 'REGISTER_MESSAGE_FILTER_CLASS'),
]

function retired(code: number, name: string): Command {
  return defineCommand({ code, name, access: 'admin', servedBy: [] })
}
