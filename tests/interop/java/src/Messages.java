import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.rocketmq.common.message.MessageClientExt;
import org.apache.rocketmq.common.message.MessageExt;

/** Messages as the programs tell them: everything that a Java consumer gets to see of one. */
final class Messages {
    private Messages() {
    }

    static List<Map<String, ?>> fields(List<MessageExt> messages) {
        return messages.stream().map(Messages::fields).collect(Collectors.toList());
    }

    static Map<String, ?> fields(MessageExt message) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("topic", message.getTopic());
        fields.put("brokerName", message.getBrokerName());
        fields.put("queueId", message.getQueueId());
        fields.put("queueOffset", message.getQueueOffset());
        fields.put("commitLogOffset", message.getCommitLogOffset());
        fields.put("msgId", message.getMsgId());
        fields.put("offsetMsgId", message instanceof MessageClientExt ? ((MessageClientExt) message).getOffsetMsgId() : message.getMsgId());
        fields.put("body", Base64.getEncoder().encodeToString(message.getBody()));
        fields.put("bodyCrc", message.getBodyCRC());
        fields.put("tags", message.getTags());
        fields.put("keys", message.getKeys());
        fields.put("properties", message.getProperties());
        fields.put("sysFlag", message.getSysFlag());
        fields.put("flag", message.getFlag());
        fields.put("bornHost", message.getBornHostString());
        fields.put("bornTimestamp", message.getBornTimestamp());
        fields.put("storeHost", message.getStoreHost().toString());
        fields.put("storeTimestamp", message.getStoreTimestamp());
        fields.put("reconsumeTimes", message.getReconsumeTimes());
        return fields;
    }
}
