import { readFileSync, rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { JavaConversation } from './java-conversation.js'
import { isLoggerTalk } from './java-process.js'

/** What a command printed: the lines of its standard output without empty ones at either end, and its standard error. */
export interface MqadminOutput {
  readonly lines: readonly string[]
  readonly error: string
  /** The message that was asked for: mqadmin leaves its body in a file, which is gone afterwards. */
  readonly body?: string
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
    const output = { lines: text === '' ? [] : text.split('\n'), error: stderr }
    const bodyPath = /^Message Body Path: +(.+)$/m.exec(text)?.[1]
    return bodyPath === undefined ? output : { ...output, body: takeFile(bodyPath) }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#conversation[Symbol.asyncDispose]()
  }
}

/** Reads and removes a file, and the folders it was in as far as nothing else is in them. */
function takeFile(path: string): string {
  const text = readFileSync(path, 'utf8')
  rmSync(path)
  try {
    for (const folder of [dirname(path), dirname(dirname(path))]) rmdirSync(folder)
  } catch {
    // A folder with something in it, which is not ours.
  }
  return text
}
