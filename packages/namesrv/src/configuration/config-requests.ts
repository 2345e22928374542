import {
  answer,
  GetNamesrvConfig,
  type HandlerTable,
  type Logger,
  ResponseCode,
  ResponseError,
  UpdateNamesrvConfig,
} from '@mq/remoting'
import {
  configBlackList,
  findNamesrvConfigKey,
  type NamesrvConfigKey,
  type NamesrvConfigValues,
  parseNamesrvConfigValue,
} from './namesrv-config.js'
import { formatProperties, parseProperties } from './properties-text.js'

/** Answers the requests that read and change the configuration; changes are not written to any file. Java: DefaultRequestProcessor. */
export function serveConfiguration(handlers: HandlerTable, config: NamesrvConfigValues, logger: Logger): void {
  handlers.on(GetNamesrvConfig, () => {
    const texts = Object.entries(config).map(([name, value]): [string, string] => [name, String(value)])
    const blackList: [string, string] = ['configBlackList', [...configBlackList].join(';')]
    return answer({ body: Buffer.from(formatProperties(new Map([...texts, blackList]))) })
  })
  handlers.on(UpdateNamesrvConfig, (_request, { body, connection }) => {
    const properties = parseProperties(body?.toString('utf8') ?? '')
    const changes = [...properties].map(([name, text]) => checkChange(name, text))
    for (const { key, value } of changes) {
      const previous = config[key.name]
      Object.assign(config, { [key.name]: value })
      logger.info('configuration changed', { key: key.name, previous, value, by: connection.remoteAddress })
    }
    return answer({})
  })
}

/** A change that may be made; all are checked before one is made. */
function checkChange(name: string, text: string): { key: NamesrvConfigKey; value: string | number | boolean } {
  if (configBlackList.has(name)) {
    throw new ResponseError(ResponseCode.NO_PERMISSION, 'Can not update config in black list.')
  }
  const key = findNamesrvConfigKey(name)
  if (key === undefined) {
    throw new ResponseError(ResponseCode.INVALID_PARAMETER, `${name} is no configuration key: see getNamesrvConfig`)
  }
  if (!key.isHot) {
    throw new ResponseError(
      ResponseCode.NO_PERMISSION,
      `${name} is fixed while the name server runs: restart it with the new value`,
    )
  }
  try {
    return { key, value: parseNamesrvConfigValue(key, text) }
  } catch (error) {
    throw new ResponseError(ResponseCode.INVALID_PARAMETER, (error as Error).message, error)
  }
}
