/** One `key=value` of a property file. */
export interface Property {
  readonly key: string
  readonly value: string
  /** Line on which the key starts, from 1. */
  readonly line: number
}

/** A line that no property can be read from; `line` counts from 1. */
export class PropertiesSyntaxError extends Error {
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

/**
 * Reads a property file by Java's rules: `=`, `:` or blanks part key and value, `#` and `!` start a comment line, a `\` at the
 * end of a line joins the next one to it, and `\uXXXX` stands for a character. A key that comes twice is given twice, in
 * order. Throws PropertiesSyntaxError for a `\u` without four hexadecimal digits. Java: Properties#load.
 */
export function parseProperties(text: string): Property[] {
  const properties: Property[] = []
  for (const { content, line } of logicalLines(text)) {
    const keyEnd = endOfKey(content)
    const valueStart = startOfValue(content, keyEnd)
    const key = unescape(content.slice(0, keyEnd), line)
    properties.push({ key, value: unescape(content.slice(valueStart), line), line })
  }
  return properties
}

interface LogicalLine {
  readonly content: string
  readonly line: number
}

/** The lines that hold a property: comments and blank lines left out, continued lines joined. */
function* logicalLines(text: string): Generator<LogicalLine> {
  const naturalLines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  for (let index = 0; index < naturalLines.length; index++) {
    let content = withoutIndent(naturalLines[index]!)
    if (content === '' || content.startsWith('#') || content.startsWith('!')) continue
    const line = index + 1
    while (isContinued(content)) {
      index++
      content = content.slice(0, -1) + withoutIndent(naturalLines[index] ?? '')
    }
    if (content !== '') yield { content, line }
  }
}

function withoutIndent(line: string): string {
  return line.replace(/^[ \t\f]+/, '')
}

/** Whether a line ends with an odd number of backslashes. */
function isContinued(line: string): boolean {
  const backslashes = /\\*$/.exec(line)![0].length
  return backslashes % 2 === 1
}

function endOfKey(content: string): number {
  for (let at = 0; at < content.length; at++) {
    if (content[at] === '\\') at++
    else if (/[=: \t\f]/.test(content[at]!)) return at
  }
  return content.length
}

/** Skips blanks, at most one `=` or `:`, and blanks. */
function startOfValue(content: string, keyEnd: number): number {
  const separator = /^[ \t\f]*[=:]?[ \t\f]*/.exec(content.slice(keyEnd))![0]
  return keyEnd + separator.length
}

const namedEscapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescape(raw: string, line: number): string {
  return raw.replace(/\\(?:u([0-9a-fA-F]{4})|(.)|$)/gs, (_whole, hex: string | undefined, char: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    if (char === 'u') throw new PropertiesSyntaxError('\\u is not followed by four hexadecimal digits', line)
    return char === undefined ? '' : (namedEscapes[char] ?? char)
  })
}
