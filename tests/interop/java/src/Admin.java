import com.alibaba.fastjson2.JSONObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Map;
import org.apache.rocketmq.tools.command.MQAdminStartup;

/**
 * Runs mqadmin commands in one JVM. A request holds the arguments, as on mqadmin's command line; the answer holds what the command
 * printed to its standard output and standard error.
 */
public final class Admin {
    public static void main(String[] args) throws Exception {
        ClosingClients.hurry(Thread.currentThread());
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

    private static final class Commands extends MQAdminStartup {
        static void run(String[] arguments) {
            // Some commands keep a client that they closed: each run starts with new ones, as in a JVM of its own.
            SUB_COMMANDS.clear();
            main0(arguments, null);
        }
    }
}
