import java.util.Arrays;
import org.apache.rocketmq.common.ServiceThread;

/** A client that is closed waits up to 3 s until its event thread looks up: waking that thread saves the wait. */
final class ClosingClients {
    private ClosingClients() {
    }

    /** Wakes the event threads whenever this thread closes a client. */
    static void hurry(Thread closing) {
        Thread alarm = new Thread(() -> wake(closing), "alarm");
        alarm.setDaemon(true);
        alarm.start();
    }

    private static void wake(Thread closing) {
        try {
            while (true) {
                Thread.sleep(20);
                if (isShuttingDown(closing)) {
                    Thread.getAllStackTraces().keySet().stream().filter(ClosingClients::isWaiting).forEach(Thread::interrupt);
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getName().startsWith("NettyEventExecutor") && thread.getState() == Thread.State.TIMED_WAITING;
    }

    private static boolean isShuttingDown(Thread closing) {
        return Arrays.stream(closing.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(ServiceThread.class.getName()) && frame.getMethodName().equals("shutdown"));
    }
}
