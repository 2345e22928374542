/** The language a peer is written in, by its number in a binary header. Java: LanguageCode. */
export const LanguageCode = {
  JAVA: 0,
  CPP: 1,
  DOTNET: 2,
  PYTHON: 3,
  DELPHI: 4,
  ERLANG: 5,
  RUBY: 6,
  OTHER: 7,
  HTTP: 8,
  GO: 9,
  PHP: 10,
  OMS: 11,
  RUST: 12,
  NODE_JS: 13,
} as const

const names: readonly string[] = Object.keys(LanguageCode)
const codesByName: ReadonlyMap<string, number> = new Map(Object.entries(LanguageCode))

/** The name in a JSON header; codes nobody knows are OTHER. */
export function languageName(code: number): string {
  return names[code] ?? 'OTHER'
}

/** The code of a name in a JSON header; names nobody knows are OTHER. */
export function languageCode(name: string): number {
  return codesByName.get(name) ?? LanguageCode.OTHER
}
