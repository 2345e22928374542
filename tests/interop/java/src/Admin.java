import com.alibaba.fastjson2.JSONObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Map;
import org.apache.rocketmq.common.ServiceThread;
import org.apache.rocketmq.tools.command.MQAdminStartup;

/**
 * Runs mqadmin commands in one JVM. A request holds the arguments, as on mqadmin's command line; the answer holds what the command
 * printed to its standard output and standard error.
 */
public final class Admin {
    public static void main(String[] args) throws Exception {
        Thread commands = Thread.currentThread();
        Thread alarm = new Thread(() -> wakeClosingClients(commands), "alarm");
        alarm.setDaemon(true);
        alarm.start();
        JsonLines.answer(Admin::answer);
    }

    private static Map<String, ?> answer(JSONObject request) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream standardOut = System.out;
        PrintStream standardErr = System.err;
        System.setOut(new PrintStream(out, true, "UTF-8"));
        System.setErr(new PrintStream(err, true, "UTF-8"));
        try {
            Commands.run(request.getList("arguments", String.class).toArray(new String[0]));
        } finally {
            System.setOut(standardOut);
            System.setErr(standardErr);
        }
        return Map.of("stdout", out.toString("UTF-8"), "stderr", err.toString("UTF-8"));
    }

    /** Each command closes its client, which waits up to 3 s until its event thread looks up: waking that thread saves the wait. */
    private static void wakeClosingClients(Thread commands) {
        try {
            while (true) {
                Thread.sleep(20);
                if (isShuttingDown(commands)) {
                    Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("NettyEventExecutor"))
                        .forEach(Thread::interrupt);
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isShuttingDown(Thread commands) {
        return Arrays.stream(commands.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(ServiceThread.class.getName()) && frame.getMethodName().equals("shutdown"));
    }

    private static final class Commands extends MQAdminStartup {
        static void run(String[] arguments) {
            // Some commands keep a client that they closed: each run starts with new ones, as in a JVM of its own.
            SUB_COMMANDS.clear();
            main0(arguments, null);
        }
    }
}
