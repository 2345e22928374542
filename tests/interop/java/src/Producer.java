import com.alibaba.fastjson2.JSONObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Sends numbered messages and tells what became of each. Arguments: NAMESRV GROUP.
 *
 * <p>A request: topic, mode (sync, async, oneway, batch, hash or queue), count, size, and where wanted tags, keys (a prefix to which the
 * number is added), properties, delayLevel, shardingKeys (hash: one for each message), brokerName and queueId (queue). The body of message i is i,
 * a space, and dots up to size bytes.
 */
public final class Producer {
    private final DefaultMQProducer producer;

    private Producer(String namesrv, String group) {
        producer = new DefaultMQProducer(group);
        producer.setNamesrvAddr(namesrv);
        producer.setRetryTimesWhenSendFailed(0);
        producer.setSendMsgTimeout(10_000);
    }

    public static void main(String[] args) throws Exception {
        Producer program = new Producer(args[0], args[1]);
        program.producer.start();
        JsonLines.answer(program::answer);
    }

    private Map<String, ?> answer(JSONObject request) throws Exception {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < request.getIntValue("count"); i++) {
            messages.add(message(request, i));
        }
        switch (request.getString("mode")) {
            case "batch":
                return Map.of("results", List.of(outcome(() -> producer.send(messages))));
            case "async":
                return Map.of("results", sendAsync(messages));
            default:
                List<Map<String, ?>> results = new ArrayList<>();
                for (int i = 0; i < messages.size(); i++) {
                    int index = i;
                    results.add(outcome(() -> sendOne(request, index, messages.get(index))));
                }
                return Map.of("results", results);
        }
    }

    private SendResult sendOne(JSONObject request, int index, Message message) throws Exception {
        switch (request.getString("mode")) {
            case "sync":
                return producer.send(message);
            case "oneway":
                producer.sendOneway(message);
                return null;
            case "hash":
                String shardingKey = request.getJSONArray("shardingKeys").getString(index);
                return producer.send(message, new SelectMessageQueueByHash(), shardingKey);
            case "queue":
                String brokerName = request.getString("brokerName");
                return producer.send(message, new MessageQueue(message.getTopic(), brokerName, request.getIntValue("queueId")));
            default:
                throw new IllegalArgumentException("no such mode: " + request.getString("mode"));
        }
    }

    private List<Map<String, ?>> sendAsync(List<Message> messages) throws Exception {
        Map<Integer, Map<String, ?>> byIndex = new TreeMap<>();
        CountDownLatch answered = new CountDownLatch(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            int index = i;
            producer.send(messages.get(i), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    keep(fields(result));
                }

                @Override
                public void onException(Throwable error) {
                    keep(Map.of("error", JsonLines.text(error)));
                }

                private void keep(Map<String, ?> outcome) {
                    synchronized (byIndex) {
                        byIndex.put(index, outcome);
                    }
                    answered.countDown();
                }
            });
        }
        answered.await();
        return new ArrayList<>(byIndex.values());
    }

    private static Message message(JSONObject request, int index) {
        StringBuilder body = new StringBuilder().append(index).append(' ');
        while (body.length() < request.getIntValue("size")) {
            body.append('.');
        }
        Message message = new Message(request.getString("topic"), body.toString().getBytes(StandardCharsets.UTF_8));
        if (request.containsKey("tags")) {
            message.setTags(request.getString("tags"));
        }
        if (request.containsKey("keys")) {
            message.setKeys(request.getString("keys") + index);
        }
        if (request.containsKey("delayLevel")) {
            message.setDelayTimeLevel(request.getIntValue("delayLevel"));
        }
        if (request.containsKey("properties")) {
            request.getJSONObject("properties").forEach((name, value) -> message.putUserProperty(name, String.valueOf(value)));
        }
        return message;
    }

    private static Map<String, ?> outcome(Send send) {
        try {
            return fields(send.run());
        } catch (Exception error) {
            return Map.of("error", JsonLines.text(error));
        }
    }

    private static Map<String, ?> fields(SendResult result) {
        if (result == null) {
            return Map.of();
        }
        return Map.of(
            "status", result.getSendStatus().name(),
            "msgId", result.getMsgId(),
            "offsetMsgId", result.getOffsetMsgId(),
            "brokerName", result.getMessageQueue().getBrokerName(),
            "queueId", result.getMessageQueue().getQueueId(),
            "queueOffset", result.getQueueOffset(),
            "regionId", String.valueOf(result.getRegionId()));
    }

    private interface Send {
        SendResult run() throws Exception;
    }
}
