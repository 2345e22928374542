/** One key with the text somebody gave it. */
export interface Setting {
  readonly key: string
  readonly text: string
  /** Where it was given, as a person would say it: `broker.conf:12`, `environment variable MQ_LISTEN_PORT`, `--listen-port`. */
  readonly origin: string
}

/** The configuration cannot be used; every problem is one line that names origin, key and what would be right. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}
