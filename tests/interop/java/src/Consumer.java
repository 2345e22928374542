import com.alibaba.fastjson2.JSONObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Any number of consumers in one JVM, each known by a name, which is its instance name, too. Argument: NAMESRV.
 *
 * <p>A request: consumer (the name), op, and what the op takes. "start" makes the consumer, of a kind (concurrent, orderly, lite or pull),
 * "stop" shuts it down in order; all others are answered by the consumer itself: {@link PushMember}, {@link LiteMember},
 * {@link PullMember}.
 */
public final class Consumer {
    private final String namesrv;
    private final Map<String, Member> members = new TreeMap<>();
    private final Set<Member> running = ConcurrentHashMap.newKeySet();

    private Consumer(String namesrv) {
        this.namesrv = namesrv;
    }

    public static void main(String[] args) throws Exception {
        ClosingClients.hurry(Thread.currentThread());
        Consumer program = new Consumer(args[0]);
        Executors.newSingleThreadScheduledExecutor().scheduleWithFixedDelay(program::persist, 200, 200, TimeUnit.MILLISECONDS);
        JsonLines.answer(program::answer);
    }

    private Map<String, ?> answer(JSONObject request) throws Exception {
        String name = request.getString("consumer");
        switch (request.getString("op")) {
            case "start":
                members.put(name, start(request));
                running.add(members.get(name));
                return Map.of();
            case "stop":
                stop(members.get(name));
                return Map.of();
            default:
                return members.get(name).answer(request);
        }
    }

    private Member start(JSONObject request) throws Exception {
        switch (request.getString("kind")) {
            case "concurrent":
            case "orderly":
                return new PushMember(this::configure, request);
            case "lite":
                return new LiteMember(this::configure, request);
            case "pull":
                return new PullMember(this::configure, request);
            default:
                throw new IllegalArgumentException("no such kind: " + request.getString("kind"));
        }
    }

    /** A client itself stores its offsets 10 s after its start for the first time. */
    private void persist() {
        for (Member member : running) {
            synchronized (member) {
                if (running.contains(member)) {
                    member.persist();
                }
            }
        }
    }

    private void stop(Member member) {
        synchronized (member) {
            running.remove(member);
            member.stop();
        }
    }

    /** What a client does every few seconds or minutes is done at once here: tests wait for it. */
    private void configure(ClientConfig client, JSONObject request) {
        client.setNamesrvAddr(namesrv);
        client.setInstanceName(request.getString("consumer"));
        client.setPollNameServerInterval(300);
        client.setMqClientApiTimeout(10_000);
    }

    static IllegalArgumentException unknown(JSONObject request) {
        return new IllegalArgumentException("no such op: " + request.getString("op"));
    }

    static MessageQueue queue(JSONObject request) {
        JSONObject queue = request.getJSONObject("queue");
        return new MessageQueue(queue.getString("topic"), queue.getString("brokerName"), queue.getIntValue("queueId"));
    }

    static List<MessageQueue> queues(JSONObject request, Collection<MessageQueue> all) {
        Set<Integer> ids = Set.copyOf(request.getList("queueIds", Integer.class));
        return all.stream().filter(queue -> ids.contains(queue.getQueueId())).collect(Collectors.toList());
    }

    static Map<String, ?> fields(Collection<MessageQueue> queues) {
        List<MessageQueue> sorted = new ArrayList<>(queues);
        sorted.sort(null);
        return Map.of("queues", sorted.stream()
            .map(queue -> Map.of("topic", queue.getTopic(), "brokerName", queue.getBrokerName(), "queueId", queue.getQueueId()))
            .collect(Collectors.toList()));
    }

    interface Member {
        Map<String, ?> answer(JSONObject request) throws Exception;

        /** Stores the offsets at the broker, or in the file. */
        void persist();

        void stop();
    }

    interface Configure {
        void accept(ClientConfig client, JSONObject request);
    }
}
