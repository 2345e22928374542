/** Where a LocalFileOffsetStore keeps its text between runs. */
export interface OffsetFile {
  /** Names the place in errors. */
  readonly path: string
  /** The text written last; undefined when there is none. */
  read(): Promise<string | undefined>
  /** The text of the backup; undefined when there is none. */
  readBackup(): Promise<string | undefined>
  /** Replaces the text as a whole: whoever reads sees the old one or the new one. */
  write(text: string): Promise<void>
  /** Replaces the backup as a whole. */
  writeBackup(text: string): Promise<void>
}
