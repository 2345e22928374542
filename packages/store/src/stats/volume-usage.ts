import type { Timer, Timers } from '@mq/remoting'
import type { FileSystem, VolumeSpace } from '../file-system/file-system.js'

const refreshMs = 10_000

/** How full the volume of a directory is, looked at every 10 s. */
export class VolumeUsage {
  readonly #fileSystem: FileSystem
  readonly #directory: string
  #space: VolumeSpace | undefined
  #timer: Timer | undefined

  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem
    this.#directory = directory
  }

  async start(timers: Timers): Promise<void> {
    this.#timer = timers.every(refreshMs, () => void this.#refresh())
    await this.#refresh()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /** The used part from 0 to 1, −1 if it is not known. Java: UtilAll#getDiskPartitionSpaceUsedPercent. */
  get usedRatio(): number {
    if (this.#space === undefined || this.#space.totalBytes === 0) return -1
    return 1 - this.#space.availableBytes / this.#space.totalBytes
  }

  /** Size and room as brokers report them, such as `Total : 99.5 GiB, Free : 1.2 GiB.` */
  format(): string {
    const { totalBytes, availableBytes } = this.#space ?? { totalBytes: 0, availableBytes: 0 }
    return `Total : ${formatBytes(totalBytes)}, Free : ${formatBytes(availableBytes)}.`
  }

  async #refresh(): Promise<void> {
    try {
      this.#space = await this.#fileSystem.volumeSpace(this.#directory)
    } catch {
      // Only a number that is shown: the last one known stays.
    }
  }
}

function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const exponent = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return exponent === 0 ? `${bytes} B` : `${(bytes / 1024 ** exponent).toFixed(1)} ${units[exponent]}`
}
