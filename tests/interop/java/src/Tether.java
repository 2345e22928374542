import java.io.IOException;
import java.util.Arrays;

/**
 * Runs the main method of another class, named by the first argument, and halts the JVM when standard input ends: the peer cannot
 * outlive the test that started it, even one that was killed.
 */
public final class Tether {
    public static void main(String[] args) throws Exception {
        Thread watch = new Thread(Tether::awaitEndOfInput, "tether");
        watch.setDaemon(true);
        watch.start();
        String[] rest = Arrays.copyOfRange(args, 1, args.length);
        Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object) rest);
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (IOException closed) {
            // A broken input has ended, too.
        }
        Runtime.getRuntime().halt(1);
    }
}
