import type { Message } from '@mq/client'
import type { Arguments } from '../command-line.js'
import { readLines } from '../input/lines.js'

/** Messages that travel in one request: one, or a batch. */
export interface Shipment {
  readonly messages: readonly Message[]
  /** Number of the first message, from 1: the line of stdin it came from (empty lines not counted), or its place in the load. */
  readonly firstNumber: number
}

type Template = Omit<Message, 'body'>

/** Longest line read, above which no broker could store the message. */
const LONGEST_LINE = 16 * 1024 * 1024

/** The one message of the command line. */
export function* singleShipment(args: Arguments, body: string): Generator<Shipment> {
  yield { messages: [{ ...templateOf(args), body }], firstNumber: 1 }
}

/** Each line of a stream as a message; batches are filled with what has arrived and never wait. */
export async function* lineShipments(args: Arguments, chunks: AsyncIterable<Buffer>): AsyncGenerator<Shipment> {
  const template = templateOf(args)
  let firstNumber = 1
  for await (const lines of readLines(chunks, LONGEST_LINE)) {
    for (let start = 0; start < lines.length; start += args.batch) {
      const messages = lines.slice(start, start + args.batch).map((body) => ({ ...template, body }))
      yield { messages, firstNumber }
      firstNumber += messages.length
    }
  }
}

/** `count` messages of exactly `size` bytes. */
export function* loadShipments(args: Arguments, count: number): Generator<Shipment> {
  const template = templateOf(args)
  const bodyOf = loadBodies(args.size)
  for (let firstNumber = 1; firstNumber <= count; firstNumber += args.batch) {
    const messages: Message[] = []
    for (let number = firstNumber; number < firstNumber + args.batch && number <= count; number++) {
      messages.push({ ...template, body: bodyOf(number) })
    }
    yield { messages, firstNumber }
  }
}

/** Makes the bodies of a load: the alphabet over and over, its start overwritten with the message's number and a blank. */
export function loadBodies(size: number): (number: number) => Buffer {
  const alphabet = Buffer.alloc(size, 'abcdefghijklmnopqrstuvwxyz')
  return (number) => {
    const body = Buffer.from(alphabet)
    body.write(`${number} `, 'latin1')
    return body
  }
}

function templateOf({ topic, tags, keys, properties }: Arguments): Template {
  return {
    topic,
    properties,
    ...(tags !== undefined && { tags }),
    ...(keys !== undefined && { keys: keys.split(' ').filter((key) => key !== '') }),
  }
}
