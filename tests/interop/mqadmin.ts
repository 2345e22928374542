import { JavaConversation } from './java-conversation.js'
import { isLoggerTalk } from './java-process.js'

/** What a command printed: the lines of its standard output without empty ones at either end, and its standard error. */
export interface MqadminOutput {
  readonly lines: readonly string[]
  readonly error: string
}

/** Apache RocketMQ's mqadmin, unmodified, all commands in one JVM. */
export class Mqadmin implements AsyncDisposable {
  readonly #conversation: JavaConversation
  readonly #namesrvAddr: string

  private constructor(conversation: JavaConversation, namesrvAddr: string) {
    this.#conversation = conversation
    this.#namesrvAddr = namesrvAddr
  }

  static async start(namesrvAddr: string): Promise<Mqadmin> {
    return new Mqadmin(await JavaConversation.start({ mainClass: 'Admin', args: [] }), namesrvAddr)
  }

  /** Runs `mqadmin COMMAND -n NAMESRV ARGS`. */
  async run(command: string, ...args: readonly string[]): Promise<MqadminOutput> {
    const { stdout, stderr } = await this.#conversation.ask<{ stdout: string; stderr: string }>({
      arguments: [command, '-n', this.#namesrvAddr, ...args],
    })
    const text = stdout
      .split('\n')
      .filter((line) => !isLoggerTalk(line))
      .join('\n')
      .replace(/^\n+|\n+$/g, '')
    return { lines: text === '' ? [] : text.split('\n'), error: stderr }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#conversation[Symbol.asyncDispose]()
  }
}
