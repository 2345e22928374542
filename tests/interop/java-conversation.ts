import { JavaProcess, type JavaProgram } from './java-process.js'

/** A Java program of java/src that answers each line of JSON with a line of JSON. One request is asked at a time. */
export class JavaConversation implements AsyncDisposable {
  readonly #process: JavaProcess
  #last: Promise<unknown> = Promise.resolve()

  private constructor(process: JavaProcess) {
    this.#process = process
  }

  static async start(program: JavaProgram): Promise<JavaConversation> {
    return new JavaConversation(await JavaProcess.start(program))
  }

  /** The program's answer; an answer that carries an error rejects with it. */
  ask<Answer extends object>(request: object): Promise<Answer> {
    const answer = this.#last.then(() => this.#exchange<Answer>(request))
    this.#last = answer.catch(() => {})
    return answer
  }

  async #exchange<Answer extends object>(request: object): Promise<Answer> {
    const line = this.#process.line((text) => text.startsWith('{'))
    this.#process.writeLine(JSON.stringify(request))
    const answer = JSON.parse(await line) as Answer & { error?: string }
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]()
  }
}
