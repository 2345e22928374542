import { expect, it } from 'vitest'
import { formatOffsets, parseOffsets } from './offset-file-text.js'

const first = { topic: 'Orders', brokerName: 'broker-a', queueId: 0 }
const second = { topic: 'ns%Ünï"q', brokerName: 'broker-b', queueId: 12 }
const offsets = [
  [second, Number.MAX_SAFE_INTEGER],
  [first, 17],
] as const

// Written by the LocalFileOffsetStore of Apache RocketMQ 5.4.0.
const javaPretty = `{
	"offsetTable":{
		{
			"brokerName":"broker-b",
			"queueId":12,
			"topic":"ns%Ünï\\"q"
		}:9007199254740991,
		{
			"brokerName":"broker-a",
			"queueId":0,
			"topic":"Orders"
		}:17
	}
}`
const javaEmpty = '{\n\t"offsetTable":{\n\t\t\n\t}\n}'
const javaFlat =
  '{"offsetTable":{{"brokerName":"broker-b","queueId":12,"topic":"ns%Ünï\\"q"}:9007199254740991,{"brokerName":"broker-a","queueId":0,"topic":"Orders"}:17}}'

it('offsets are laid out byte for byte as Java lays them out', () => {
  expect(formatOffsets(offsets)).toBe(javaPretty)
  expect(formatOffsets([])).toBe(javaEmpty)
})

it.each([
  ['pretty', javaPretty],
  ['on one line', javaFlat],
  [
    'with queues as text',
    JSON.stringify({ offsetTable: Object.fromEntries(offsets.map(([q, o]) => [JSON.stringify(q), o])) }),
  ],
  ['with members of another version', javaFlat.replace('{', '{"version":2,')],
])('a file %s is read', (_, text) => {
  expect([...parseOffsets(text)]).toEqual(offsets)
})

it('a file without a table is an empty one', () => {
  expect([...parseOffsets(javaEmpty)]).toEqual([])
  expect([...parseOffsets('{}')]).toEqual([])
})

it('a file cut anywhere is refused as a whole, so that half a table is never taken for all of it', () => {
  for (let size = 0; size < javaPretty.length; size++) expect(() => parseOffsets(javaPretty.slice(0, size))).toThrow()
})

it.each([
  '[]',
  '7',
  '{"offsetTable":[]}',
  '{"offsetTable":{"T":7}}',
  javaFlat.replace('17', 'null'),
  javaFlat.replace('17', '"x"'),
])('%s is refused', (text) => {
  expect(() => parseOffsets(text)).toThrow()
})
