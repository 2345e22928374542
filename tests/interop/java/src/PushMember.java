import com.alibaba.fastjson2.JSONObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;

/**
 * A push consumer that keeps what it is delivered.
 *
 * <p>"start" takes group, topic, and where wanted expression, from (FIRST_OFFSET, LAST_OFFSET or TIMESTAMP), timestamp, model,
 * maxReconsumeTimes, batchSize, failures (how many deliveries of a message fail), failing (only messages whose body begins with it
 * fail) and delayLevel (asked for when one fails). "deliveries" answers with all deliveries from one on, "queues" with the queues that
 * are its own now.
 */
final class PushMember implements Consumer.Member {
    private final DefaultMQPushConsumer consumer;
    private final String topic;
    private final int failures;
    private final String failing;
    private final int delayLevel;
    private final List<Map<String, ?>> deliveries = new ArrayList<>();

    PushMember(Consumer.Configure configure, JSONObject request) throws Exception {
        topic = request.getString("topic");
        failures = request.getIntValue("failures");
        failing = request.getOrDefault("failing", "").toString();
        delayLevel = request.getIntValue("delayLevel");
        consumer = new DefaultMQPushConsumer(request.getString("group"));
        configure.accept(consumer, request);
        consumer.setConsumeFromWhere(ConsumeFromWhere.valueOf("CONSUME_FROM_" + request.getOrDefault("from", "FIRST_OFFSET")));
        if (request.containsKey("timestamp")) {
            consumer.setConsumeTimestamp(request.getString("timestamp"));
        }
        consumer.setMessageModel(MessageModel.valueOf(request.getOrDefault("model", "CLUSTERING").toString()));
        consumer.setMaxReconsumeTimes(request.getIntValue("maxReconsumeTimes", -1));
        consumer.setConsumeMessageBatchMaxSize(request.getIntValue("batchSize", 1));
        consumer.setSuspendCurrentQueueTimeMillis(100);
        consumer.setConsumeThreadMin(4);
        consumer.setConsumeThreadMax(4);
        consumer.subscribe(topic, request.getOrDefault("expression", "*").toString());
        if (request.getString("kind").equals("orderly")) {
            consumer.registerMessageListener((MessageListenerOrderly) this::consumeInOrder);
        } else {
            consumer.registerMessageListener((MessageListenerConcurrently) this::consume);
        }
        consumer.start();
    }

    @Override
    public Map<String, ?> answer(JSONObject request) throws Exception {
        switch (request.getString("op")) {
            case "deliveries":
                synchronized (deliveries) {
                    return Map.of("messages", List.copyOf(deliveries.subList(request.getIntValue("from"), deliveries.size())));
                }
            case "queues":
                return Consumer.fields(consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().keySet());
            default:
                throw Consumer.unknown(request);
        }
    }

    @Override
    public void persist() {
        consumer.getDefaultMQPushConsumerImpl().persistConsumerOffset();
    }

    @Override
    public void stop() {
        consumer.shutdown();
    }

    private ConsumeConcurrentlyStatus consume(List<MessageExt> messages, ConsumeConcurrentlyContext context) {
        if (succeed(messages)) {
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        }
        context.setDelayLevelWhenNextConsume(delayLevel);
        return ConsumeConcurrentlyStatus.RECONSUME_LATER;
    }

    private ConsumeOrderlyStatus consumeInOrder(List<MessageExt> messages, ConsumeOrderlyContext context) {
        return succeed(messages) ? ConsumeOrderlyStatus.SUCCESS : ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
    }

    private boolean succeed(List<MessageExt> messages) {
        synchronized (deliveries) {
            deliveries.addAll(Messages.fields(messages));
        }
        return messages.stream().noneMatch(this::isToFail);
    }

    private boolean isToFail(MessageExt message) {
        return message.getReconsumeTimes() < failures && new String(message.getBody(), StandardCharsets.UTF_8).startsWith(failing);
    }
}
