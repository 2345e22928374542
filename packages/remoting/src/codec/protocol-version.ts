const firstOrdinalOf4 = 213
const ordinalsPerMajor = 200
const ordinalsPerMinor = 20
const ordinalsPerPatch = 2
/** Ordinal of the last entry of Java's table, to which later versions clamp. */
const higherVersion = 612

/** Ordinal of a release from 4.0.0 on. Java: MQVersion.Version. */
export function protocolVersion(major: number, minor: number, patch: number): number {
  const ordinal = firstOrdinalOf4 + ordinalsPerMajor * (major - 4) + ordinalsPerMinor * minor + ordinalsPerPatch * patch
  return Math.min(ordinal, higherVersion)
}

/** The name of a version, such as V5_4_0; releases before 4.0.0 are not told apart. Java: MQVersion.getVersionDesc. */
export function protocolVersionName(ordinal: number): string {
  if (ordinal >= higherVersion) return 'HIGHER_VERSION'
  if (ordinal < firstOrdinalOf4 - 1) return 'V3'
  const steps = ordinal + 1 - firstOrdinalOf4
  const major = 4 + Math.floor(steps / ordinalsPerMajor)
  const minor = Math.floor((steps % ordinalsPerMajor) / ordinalsPerMinor)
  const patch = Math.floor((steps % ordinalsPerMinor) / ordinalsPerPatch)
  return `V${major}_${minor}_${patch}${steps % ordinalsPerPatch === 0 ? '_SNAPSHOT' : ''}`
}

/** What we report as our version: V5_4_0. */
export const CURRENT_VERSION: number = protocolVersion(5, 4, 0)
