/** How the program ends; 70 and 78 are those of sysexits.h. */
export const ExitCode = {
  /** Stopped when asked to. */
  ok: 0,
  /** Could not start or stop properly, or a second signal cut the stop short. */
  failure: 1,
  /** The command line cannot be understood. */
  usage: 2,
  /** A defect of the program; the store keeps its abort file, so that the next start recovers. */
  internal: 70,
  /** The configuration, or the store under this configuration, cannot be used. */
  configuration: 78,
} as const
