import type { Servers } from './servers.js'

/** The columns of a line of a table that mqadmin printed. */
export function cells(line: string): string[] {
  return line.trim().split(/\s{2,}/)
}

/** Lines of the form key, separator, value; other lines are left out. */
export function keyValues(lines: readonly string[], separator: RegExp): Map<string, string> {
  return new Map(
    lines.flatMap((line) => {
      const found = separator.exec(line)
      return found === null ? [] : [[line.slice(0, found.index), line.slice(found.index + found[0].length)]]
    }),
  )
}

/** `{a=1, b=2}` as Java prints a map. */
export function javaMap(text: string): Record<string, string> {
  const entries = text.slice(1, -1).split(', ')
  return Object.fromEntries(
    entries.map((entry): [string, string] => {
      const equals = entry.indexOf('=')
      return [entry.slice(0, equals), entry.slice(equals + 1)]
    }),
  )
}

/** What of a topic's settings differs from those of a topic made without options. */
export interface PrintedTopicConfig {
  readonly readQueueNums?: number
  readonly writeQueueNums?: number
  readonly perm?: string
  readonly order?: boolean
  readonly attributes?: string
}

/** A topic's settings as mqadmin prints them. */
export function topicConfig(topic: string, config: PrintedTopicConfig): string {
  const { readQueueNums = 8, writeQueueNums = 8, perm = 'RW-', order = false, attributes = '{}' } = config
  const queues = `readQueueNums=${readQueueNums}, writeQueueNums=${writeQueueNums}`
  const rest = `topicFilterType=SINGLE_TAG, topicSysFlag=0, order=${order}, attributes=${attributes}`
  return `TopicConfig [topicName=${topic}, ${queues}, perm=${perm}, ${rest}]`
}

/** The route of a topic that only this broker has, as mqadmin prints it. */
export function routeText(servers: Servers, queues: { read: number; write: number; perm: number }): string[] {
  return `{
	"brokerDatas":[
		{
			"brokerAddrs":{
				0:"${servers.brokerAddr}"
			},
			"brokerName":"${servers.brokerName}",
			"cluster":"${servers.clusterName}",
			"enableActingMaster":false
		}
	],
	"filterServerTable":{
		
	},
	"queueDatas":[
		{
			"brokerName":"${servers.brokerName}",
			"perm":${queues.perm},
			"readQueueNums":${queues.read},
			"topicSysFlag":0,
			"writeQueueNums":${queues.write}
		}
	]
}`.split('\n')
}
