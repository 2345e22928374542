/** Bits of a topic's topicSysFlag. Java: TopicSysFlag. */
export const TopicSysFlag = {
  /** The topic of a producer in unit mode. */
  UNIT: 1,
  /** The retry topic of a consumer in unit mode. */
  UNIT_SUB: 2,
} as const
