import com.alibaba.fastjson2.JSONObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Reads messages as a Java consumer sees them. Argument: NAMESRV.
 *
 * <p>A request names a topic: every message of it is read, queue by queue, from each queue's smallest offset to its largest; with tags
 * ("a || b") those alone, as the broker filters them. With ids (offset message ids) exactly those are looked up instead.
 */
@SuppressWarnings("deprecation")
public final class Reader {
    private static final int MESSAGES_A_PULL = 32;

    private final DefaultMQPullConsumer consumer = new DefaultMQPullConsumer("java-reader");

    public static void main(String[] args) throws Exception {
        Reader program = new Reader();
        program.consumer.setNamesrvAddr(args[0]);
        program.consumer.start();
        JsonLines.answer(program::answer);
    }

    private Map<String, ?> answer(JSONObject request) throws Exception {
        String topic = request.getString("topic");
        List<Map<String, ?>> messages = new ArrayList<>();
        if (request.containsKey("ids")) {
            for (String id : request.getList("ids", String.class)) {
                messages.add(Messages.fields(consumer.viewMessage(topic, id)));
            }
        } else {
            List<MessageQueue> queues = new ArrayList<>(consumer.fetchSubscribeMessageQueues(topic));
            queues.sort(null);
            String tags = request.getOrDefault("tags", "*").toString();
            for (MessageQueue queue : queues) {
                readQueue(queue, tags, messages);
            }
        }
        return Map.of("messages", messages);
    }

    private void readQueue(MessageQueue queue, String tags, List<Map<String, ?>> messages) throws Exception {
        long offset = consumer.minOffset(queue);
        long end = consumer.maxOffset(queue);
        while (offset < end) {
            PullResult pulled = consumer.pull(queue, tags, offset, MESSAGES_A_PULL);
            if (pulled.getPullStatus() == PullStatus.FOUND) {
                pulled.getMsgFoundList().forEach(message -> messages.add(Messages.fields(message)));
            } else if (pulled.getNextBeginOffset() <= offset) {
                throw new IllegalStateException(queue + " ends at " + end + " but at " + offset + " answers " + pulled);
            }
            offset = pulled.getNextBeginOffset();
        }
    }
}
