import { styleText } from 'node:util'
import type { MessageExt } from '@mq/client'
import { textOf } from './body-text.js'
import { keysOf } from './message-document.js'

/** Bytes shown of a body that is no text. */
const SHOWN_BYTES = 32

/** How lines for a person are written. */
export interface LineStyle {
  readonly isColored: boolean
}

/**
 * A message as one line for a person, without a line feed: when it was stored, its place, its tag and keys, its body. What would
 * move the cursor or end the line is written as an escape.
 */
export function messageLine(message: MessageExt, { isColored }: LineStyle): string {
  const { brokerName = '?', queueId, queueOffset, storeTimestamp, properties, reconsumeTimes } = message
  const dim = (text: string): string => (isColored ? styleText('dim', text, { validateStream: false }) : text)
  const tag = properties.get('TAGS')
  const parts = [
    dim(`${localTimeOf(storeTimestamp)}  ${escaped(brokerName)} queue ${queueId} offset ${queueOffset}`),
    ...(tag === undefined ? [] : [coloredTag(escaped(tag), isColored)]),
    ...keysOf(message).map((key) => dim(`#${escaped(key)}`)),
    ...(reconsumeTimes === 0 ? [] : [dim(`delivery ${reconsumeTimes + 1}`)]),
    bodyOf(message.body, dim),
  ]
  return parts.join('  ')
}

function coloredTag(tag: string, isColored: boolean): string {
  return isColored ? styleText('cyan', `[${tag}]`, { validateStream: false }) : `[${tag}]`
}

function bodyOf(body: Buffer, dim: (text: string) => string): string {
  const text = textOf(body)
  if (text !== undefined) return escaped(text)
  const rest = body.length > SHOWN_BYTES ? '…' : ''
  return `${dim(`${body.length} bytes:`)} ${body.toString('hex', 0, SHOWN_BYTES)}${rest}`
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\t' }

/** Control characters would let a message write over the screen, or pass for two. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** `2026-01-31 08:00:00.123` in local time. */
function localTimeOf(timestamp: number): string {
  const time = new Date(timestamp)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
  return `${day} ${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`
}
