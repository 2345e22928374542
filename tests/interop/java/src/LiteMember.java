import com.alibaba.fastjson2.JSONObject;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;

/**
 * A lite pull consumer.
 *
 * <p>"start" takes group, topic, and where wanted expression, from, autoCommit, and queueIds: then these are assigned, otherwise the topic
 * is subscribed. Ops: "poll" (timeoutMs) answers with messages, "seek" (queue, offset), "pause" and "resume" (queueIds), "commit",
 * "committed" (queue), "offsetForTimestamp" (queue, timestamp) and "queues".
 */
final class LiteMember implements Consumer.Member {
    private final DefaultLitePullConsumer consumer;
    private final String topic;

    LiteMember(Consumer.Configure configure, JSONObject request) throws Exception {
        topic = request.getString("topic");
        consumer = new DefaultLitePullConsumer(request.getString("group"));
        configure.accept(consumer, request);
        consumer.setConsumeFromWhere(ConsumeFromWhere.valueOf("CONSUME_FROM_" + request.getOrDefault("from", "FIRST_OFFSET")));
        consumer.setAutoCommit(request.getBooleanValue("autoCommit"));
        consumer.setTopicMetadataCheckIntervalMillis(300);
        String expression = request.getOrDefault("expression", "*").toString();
        if (request.containsKey("queueIds")) {
            consumer.setSubExpressionForAssign(topic, expression);
        } else {
            consumer.subscribe(topic, expression);
        }
        consumer.start();
        if (request.containsKey("queueIds")) {
            consumer.assign(Consumer.queues(request, consumer.fetchMessageQueues(topic)));
        }
    }

    @Override
    public Map<String, ?> answer(JSONObject request) throws Exception {
        switch (request.getString("op")) {
            case "poll":
                return Map.of("messages", Messages.fields(consumer.poll(request.getLongValue("timeoutMs"))));
            case "seek":
                consumer.seek(Consumer.queue(request), request.getLongValue("offset"));
                return Map.of();
            case "pause":
                consumer.pause(Consumer.queues(request, consumer.assignment()));
                return Map.of();
            case "resume":
                consumer.resume(Consumer.queues(request, consumer.assignment()));
                return Map.of();
            case "commit":
                consumer.commit();
                return Map.of();
            case "committed":
                return Map.of("offset", consumer.committed(Consumer.queue(request)));
            case "offsetForTimestamp":
                return Map.of("offset", consumer.offsetForTimestamp(Consumer.queue(request), request.getLong("timestamp")));
            case "queues":
                return Consumer.fields(consumer.assignment());
            default:
                throw Consumer.unknown(request);
        }
    }

    @Override
    public void persist() {
        try {
            consumer.getOffsetStore().persistAll(consumer.assignment());
        } catch (MQClientException error) {
            throw new IllegalStateException(error);
        }
    }

    @Override
    public void stop() {
        consumer.shutdown();
    }
}
