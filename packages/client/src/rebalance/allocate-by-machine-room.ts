import type { MessageQueue } from '@mq/remoting'
import type { AllocateMessageQueueStrategy, AllocationRequest } from './allocate-message-queue-strategy.js'
import { allocationError, memberIndexOf } from './checked-allocation.js'
import { compareText } from './queue-map.js'

/**
 * Only queues of brokers named `room@name` whose room is one of these: as many consecutive ones to each member as come out even,
 * what is left over one by one. Java: AllocateMessageQueueByMachineRoom.
 */
export function allocateMessageQueueByMachineRoom(rooms: Iterable<string>): AllocateMessageQueueStrategy {
  const consumerIdcs = new Set(rooms)
  return {
    name: 'MACHINE_ROOM',
    allocate(request) {
      const index = memberIndexOf(request)
      if (index === undefined) return []
      const queues = request.mqAll.filter(({ brokerName }) => {
        const room = roomOfBrokerName(brokerName)
        return room !== undefined && consumerIdcs.has(room)
      })
      const size = Math.floor(queues.length / request.cidAll.length)
      const leftOver = queues.slice(size * request.cidAll.length)
      return [...queues.slice(size * index, size * (index + 1)), ...leftOver.slice(index, index + 1)]
    },
  }
}

/** The part before the only `@`; an empty name after it does not count, as in Java's split. */
function roomOfBrokerName(brokerName: string): string | undefined {
  const parts = brokerName.replace(/@+$/, '').split('@')
  return parts.length === 2 ? parts[0] : undefined
}

/** Where brokers and clients stand. An empty answer is an error. Java: MachineRoomResolver. */
export interface MachineRoomResolver {
  brokerDeployIn(queue: MessageQueue): string
  consumerDeployIn(clientId: string): string
}

/**
 * Queues go to the members in their own room; those of rooms without a member are shared by all. Inside each part `inner` decides.
 * Java: AllocateMachineRoomNearby.
 */
export function allocateMachineRoomNearby(
  inner: AllocateMessageQueueStrategy,
  resolver: MachineRoomResolver,
): AllocateMessageQueueStrategy {
  return {
    name: `MACHINE_ROOM_NEARBY-${inner.name}`,
    allocate(request) {
      if (memberIndexOf(request) === undefined) return []
      const queues = byRoom(request.mqAll, (queue) => resolver.brokerDeployIn(queue))
      const members = byRoom(request.cidAll, (clientId) => resolver.consumerDeployIn(clientId))
      const ownRoom = resolver.consumerDeployIn(request.currentCID)
      const near = queues.get(ownRoom)
      const ownMembers = members.get(ownRoom) ?? []
      const unattended = [...queues].filter(([room]) => !members.has(room)).sort(([a], [b]) => compareText(a, b))
      const parts: AllocationRequest[] = [
        ...(near === undefined ? [] : [{ ...request, mqAll: near, cidAll: ownMembers }]),
        ...unattended.map(([, mqAll]) => ({ ...request, mqAll })),
      ]
      return parts.flatMap((part) => inner.allocate(part))
    },
  }
}

function byRoom<T>(items: readonly T[], roomOf: (item: T) => string): Map<string, T[]> {
  const rooms = new Map<string, T[]>()
  for (const item of items) {
    const room = roomOf(item)
    if (room === '') throw allocationError(`the room of ${JSON.stringify(item)} is not known`)
    const known = rooms.get(room)
    if (known === undefined) rooms.set(room, [item])
    else known.push(item)
  }
  return rooms
}
