import com.ghgande.j2mod.modbus.procimg.SimpleDigitalIn;
import com.ghgande.j2mod.modbus.procimg.SimpleDigitalOut;
import com.ghgande.j2mod.modbus.procimg.SimpleInputRegister;
import com.ghgande.j2mod.modbus.procimg.SimpleProcessImage;
import com.ghgande.j2mod.modbus.procimg.SimpleRegister;
import com.ghgande.j2mod.modbus.slave.ModbusSlave;
import com.ghgande.j2mod.modbus.slave.ModbusSlaveFactory;
import java.net.InetAddress;

/** A Modbus server on j2mod: {@code Server PORT [rtu]}, with rtu as a serial device server speaks it. Unit 17. */
public final class Server {
    private static final int UNIT = 17;

    /** The memory of libmodbus/server.c. */
    private static SimpleProcessImage memory() {
        SimpleProcessImage memory = new SimpleProcessImage(UNIT);
        int bits = Float.floatToIntBits(-123.45f);
        int[] holding = {65526, bits >>> 16, bits & 0xFFFF, bits & 0xFFFF, bits >>> 16};
        for (int content : holding) {
            memory.addRegister(new SimpleRegister(content));
        }
        for (int address = holding.length; address < 128; address++) {
            memory.addRegister(new SimpleRegister(0));
        }
        memory.addInputRegister(new SimpleInputRegister(4711));
        for (int address = 0; address < 16; address++) {
            memory.addDigitalOut(new SimpleDigitalOut(address == 3));
            memory.addDigitalIn(new SimpleDigitalIn(address == 5));
        }
        return memory;
    }

    public static void main(String[] given) throws Exception {
        boolean rtu = given.length > 1 && given[1].equals("rtu");
        InetAddress here = InetAddress.getLoopbackAddress();
        ModbusSlave slave = ModbusSlaveFactory.createTCPSlave(here, Integer.parseInt(given[0]), 4, rtu);
        slave.addProcessImage(UNIT, memory());
        slave.open();
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // ends with its standard input
        }
        System.exit(0);
    }
}
