/** Where the key-value configuration is kept between runs. */
export interface KvConfigFile {
  /** Names the place in errors and in the configuration's text. */
  readonly path: string
  /** The text written last; undefined if there is none yet. */
  read(): Promise<string | undefined>
  /** Replaces the text; when it resolves the new text survives a crash, until then the old one does. */
  write(text: string): Promise<void>
}
