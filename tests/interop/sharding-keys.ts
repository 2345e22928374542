/** Keys whose hashes in Java are of every kind: positive, negative, 0, of non-ASCII text, and the smallest int, whose absolute value is no int. */
export const shardingKeys: readonly string[] = [
  ...Array.from({ length: 200 }, (_, index) => (index * 982_451_653).toString(36)),
  ...['', 'a', 'customer-9', 'ключ', '𝄞', 'f5a5a608', 'polygenelubricants'],
]
