import com.alibaba.fastjson2.JSON;
import com.alibaba.fastjson2.JSONObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A conversation in JSON, a line each way: requests on standard input, one answer a request on standard output. The JVM ends when the
 * input does, so it cannot outlive the test that started it, even one that was killed.
 */
final class JsonLines {
    private static final PrintStream OUT = System.out;

    private JsonLines() {
    }

    static void answer(Program program) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, ?> answer;
            try {
                answer = program.answer(JSON.parseObject(line));
            } catch (Throwable error) {
                answer = Map.of("error", text(error));
            }
            OUT.print(JSON.toJSONString(answer) + "\n");
            OUT.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    static String text(Throwable error) {
        return error.getClass().getSimpleName() + ": " + error.getMessage();
    }

    interface Program {
        Map<String, ?> answer(JSONObject request) throws Exception;
    }
}
