import { expect, test } from 'vitest'
import { ClosingStack } from './closing-stack.js'

test('what was opened last is closed first, one step at a time', async () => {
  const closed: string[] = []
  const stack = new ClosingStack()
  stack.add(() => void closed.push('store'))
  stack.add(async () => {
    await Promise.resolve()
    closed.push('server')
  })
  await stack.close()
  expect(closed).toEqual(['server', 'store'])
})

test('a step that fails does not keep the others from closing, and closing again closes nothing twice', async () => {
  let closings = 0
  const stack = new ClosingStack()
  stack.add(() => {
    closings++
  })
  stack.add(() => Promise.reject(new Error('the disk is gone')))
  stack.add(() => {
    throw new Error('the port is stuck')
  })
  await expect(stack.close()).rejects.toThrow('the port is stuck')
  await expect(stack.close()).rejects.toThrow('the port is stuck')
  expect(closings).toBe(1)
})
