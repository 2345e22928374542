import org.apache.rocketmq.broker.BrokerController;
import org.apache.rocketmq.broker.BrokerStartup;
import org.apache.rocketmq.remoting.RemotingClient;

/**
 * Starts the broker as its own main method does, and prints "registered" once all its name servers know it. Arguments: as of BrokerStartup.
 *
 * <p>A broker that starts faster than it reaches its name server registers 10 s later; this one does so as soon as it can.
 */
public final class Broker {
    public static void main(String[] args) throws Exception {
        BrokerController broker = BrokerStartup.start(BrokerStartup.createBrokerController(args));
        RemotingClient client = broker.getBrokerOuterAPI().getRemotingClient();
        while (client.getAvailableNameSrvList().size() < client.getNameServerAddressList().size()) {
            Thread.sleep(20);
        }
        broker.registerBrokerAll(true, false, true);
        System.out.println("registered");
    }
}
