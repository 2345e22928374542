import { expect, test } from 'vitest'
import { Semaphore } from './semaphore.js'

test('permits go to those who wait in the order in which they came', () => {
  const semaphore = new Semaphore(1)
  const order: string[] = []
  expect(semaphore.tryAcquire()).toBe(true)
  semaphore.wait({ onPermit: () => order.push('first') })
  semaphore.wait({ onPermit: () => order.push('second') })
  expect(semaphore.tryAcquire()).toBe(false)
  semaphore.release()
  expect(order).toEqual(['first'])
  semaphore.release()
  expect(order).toEqual(['first', 'second'])
  expect(semaphore.available).toBe(0)
})

test('whoever left the queue gets no permit', () => {
  const semaphore = new Semaphore(1)
  semaphore.tryAcquire()
  const waiter = {
    onPermit(): void {
      throw new Error('left')
    },
  }
  semaphore.wait(waiter)
  semaphore.cancel(waiter)
  semaphore.release()
  expect(semaphore.available).toBe(1)
})

test('a hundred thousand waiters that release at once do not nest', () => {
  const semaphore = new Semaphore(1)
  semaphore.tryAcquire()
  let served = 0
  for (let index = 0; index < 100_000; index++) {
    semaphore.wait({
      onPermit() {
        served += 1
        semaphore.release()
      },
    })
  }
  semaphore.release()
  expect(served).toBe(100_000)
  expect(semaphore.available).toBe(1)
})

test('who is served while permits are handed out cannot overtake those who wait', () => {
  const semaphore = new Semaphore(2)
  semaphore.tryAcquire()
  semaphore.tryAcquire()
  const order: string[] = []
  semaphore.wait({ onPermit: () => order.push(`first, another at once: ${semaphore.tryAcquire()}`) })
  semaphore.wait({ onPermit: () => order.push('second') })
  semaphore.release(2)
  expect(order).toEqual(['first, another at once: false', 'second'])
})
