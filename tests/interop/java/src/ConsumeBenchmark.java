import com.alibaba.fastjson2.JSONObject;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;

/**
 * What a push consumer does. Argument: NAMESRV.
 *
 * <p>Requests: {"kind":"rate","topic","group","count"} consumes from the first message until count messages have come and answers the seconds
 * from the first to the last; {"kind":"latency","topic","group","perSecond","seconds"} sends at that pace and consumes what it sends, and
 * answers the microseconds each message took from before its send to its listener.
 */
public final class ConsumeBenchmark {
    private final String namesrv;

    private ConsumeBenchmark(String namesrv) {
        this.namesrv = namesrv;
    }

    public static void main(String[] args) throws Exception {
        JsonLines.answer(new ConsumeBenchmark(args[0])::answer);
    }

    private Map<String, ?> answer(JSONObject request) throws Exception {
        return request.getString("kind").equals("rate") ? rate(request) : latency(request);
    }

    private Map<String, ?> rate(JSONObject request) throws Exception {
        int count = request.getIntValue("count");
        AtomicInteger seen = new AtomicInteger();
        AtomicLong first = new AtomicLong();
        AtomicLong last = new AtomicLong();
        CountDownLatch done = new CountDownLatch(1);
        DefaultMQPushConsumer consumer = consumer(request, (messages, context) -> {
            int number = seen.addAndGet(messages.size());
            if (number == messages.size()) {
                first.set(System.nanoTime());
            }
            if (number == count) {
                last.set(System.nanoTime());
                done.countDown();
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        done.await();
        consumer.shutdown();
        return Map.of("seconds", (last.get() - first.get()) / 1e9);
    }

    private Map<String, ?> latency(JSONObject request) throws Exception {
        int perSecond = request.getIntValue("perSecond");
        int count = perSecond * request.getIntValue("seconds");
        long[] micros = new long[count];
        AtomicInteger seen = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        DefaultMQPushConsumer consumer = consumer(request, (messages, context) -> {
            messages.forEach(message -> {
                int number = seen.getAndIncrement();
                if (number < count) {
                    micros[number] = (System.nanoTime() - ByteBuffer.wrap(message.getBody()).getLong()) / 1000;
                }
                if (number == count - 1) {
                    done.countDown();
                }
            });
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        // Until it has its queues.
        Thread.sleep(3000);
        DefaultMQProducer producer = new DefaultMQProducer(request.getString("group") + "_producer");
        producer.setNamesrvAddr(namesrv);
        producer.start();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = start + i * 1_000_000_000L / perSecond;
            while (System.nanoTime() < due) {
                Thread.sleep(0, 200_000);
            }
            byte[] body = ByteBuffer.allocate(1024).putLong(System.nanoTime()).array();
            producer.send(new Message(request.getString("topic"), body), new Ignored());
        }
        done.await();
        producer.shutdown();
        consumer.shutdown();
        return Map.of("micros", Arrays.stream(micros).boxed().toList());
    }

    private DefaultMQPushConsumer consumer(JSONObject request, MessageListenerConcurrently listener) throws Exception {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(request.getString("group"));
        consumer.setNamesrvAddr(namesrv);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(request.getString("topic"), "*");
        consumer.registerMessageListener(listener);
        consumer.start();
        return consumer;
    }

    /** What was not sent does not arrive, and is noticed there. */
    private static final class Ignored implements SendCallback {
        @Override
        public void onSuccess(SendResult result) {
        }

        @Override
        public void onException(Throwable error) {
        }
    }
}
