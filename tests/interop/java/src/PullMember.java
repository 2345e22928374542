import com.alibaba.fastjson2.JSONObject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * A pull consumer.
 *
 * <p>"start" takes group and topic. Ops: "pull" and "pullBlockIfNotFound" (queue, offset, maxNums, and where wanted expression) answer with
 * the status, the next and the smallest and largest offset, and messages; "commit" (queue, offset) stores an offset at the broker,
 * "committed" (queue) asks it, "offsetForTimestamp" (queue, timestamp) and "queues".
 */
@SuppressWarnings("deprecation")
final class PullMember implements Consumer.Member {
    private final DefaultMQPullConsumer consumer;
    private final String topic;

    PullMember(Consumer.Configure configure, JSONObject request) throws Exception {
        topic = request.getString("topic");
        consumer = new DefaultMQPullConsumer(request.getString("group"));
        configure.accept(consumer, request);
        consumer.setRegisterTopics(new HashSet<>(List.of(topic)));
        consumer.start();
    }

    @Override
    public Map<String, ?> answer(JSONObject request) throws Exception {
        String expression = request.getOrDefault("expression", "*").toString();
        switch (request.getString("op")) {
            case "pull":
                return fields(consumer.pull(Consumer.queue(request), expression, request.getLong("offset"), request.getIntValue("maxNums")));
            case "pullBlockIfNotFound":
                MessageQueue held = Consumer.queue(request);
                return fields(consumer.pullBlockIfNotFound(held, expression, request.getLong("offset"), request.getIntValue("maxNums")));
            case "commit":
                consumer.updateConsumeOffset(Consumer.queue(request), request.getLong("offset"));
                consumer.getOffsetStore().persist(Consumer.queue(request));
                return Map.of();
            case "committed":
                return Map.of("offset", consumer.fetchConsumeOffset(Consumer.queue(request), true));
            case "offsetForTimestamp":
                return Map.of("offset", consumer.searchOffset(Consumer.queue(request), request.getLong("timestamp")));
            case "queues":
                return Consumer.fields(consumer.fetchSubscribeMessageQueues(topic));
            default:
                throw Consumer.unknown(request);
        }
    }

    @Override
    public void persist() {
        // Its offsets are stored when it is told to.
    }

    @Override
    public void stop() {
        consumer.shutdown();
    }

    private static Map<String, ?> fields(PullResult result) {
        return Map.of(
            "status", result.getPullStatus().name(),
            "nextBeginOffset", result.getNextBeginOffset(),
            "minOffset", result.getMinOffset(),
            "maxOffset", result.getMaxOffset(),
            "messages", result.getMsgFoundList() == null ? List.of() : Messages.fields(result.getMsgFoundList()));
    }
}
