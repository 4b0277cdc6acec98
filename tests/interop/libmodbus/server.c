/* A Modbus server on libmodbus: `server tcp PORT` or `server rtu DEVICE`. Unit 17; ends when its standard input does.
 *
 * Holding 0: 65526 (-10 as int16); holding 1 and 2: -123.45, high word first; 3 and 4: the same, low word first.
 * Input 0: 4711; coil 3 and discrete input 5 are on. Holding 100 may be written. */
#include <modbus/modbus.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { UNIT = 17, BITS = 16, REGISTERS = 128, BAUD = 19200 };

static void fill(modbus_mapping_t *memory)
{
    float value = -123.45f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    memory->tab_registers[0] = 65526;
    memory->tab_registers[1] = memory->tab_registers[4] = bits >> 16;
    memory->tab_registers[2] = memory->tab_registers[3] = bits & 0xFFFF;
    memory->tab_input_registers[0] = 4711;
    memory->tab_bits[3] = 1;
    memory->tab_input_bits[5] = 1;
}

/* Answers what comes on `asked` until it or the standard input ends. */
static void serve(modbus_t *context, modbus_mapping_t *memory, int asked)
{
    uint8_t query[MODBUS_MAX_ADU_LENGTH];
    struct pollfd watched[2] = {{asked, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    while (poll(watched, 2, -1) > 0) {
        if (watched[1].revents)
            exit(0);
        int length = modbus_receive(context, query);
        if (length > 0)
            modbus_reply(context, query, length, memory);
        else if (length < 0 && (errno == ECONNRESET || errno == EBADF))
            return;
    }
}

static void serve_tcp(modbus_t *context, modbus_mapping_t *memory)
{
    int listening = modbus_tcp_listen(context, 4);
    struct pollfd watched[2] = {{listening, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    puts("ready");
    fflush(stdout);
    while (poll(watched, 2, -1) > 0) {
        if (watched[1].revents)
            exit(0);
        int client = modbus_tcp_accept(context, &listening);
        if (client >= 0) {
            serve(context, memory, client);
            close(client);
        }
    }
}

int main(int count, char **given)
{
    if (count != 3)
        return 2;
    int tcp = strcmp(given[1], "tcp") == 0;
    modbus_t *context =
        tcp ? modbus_new_tcp("127.0.0.1", atoi(given[2])) : modbus_new_rtu(given[2], BAUD, 'N', 8, 1);
    modbus_mapping_t *memory = modbus_mapping_new(BITS, BITS, REGISTERS, REGISTERS);
    if (context == NULL || memory == NULL)
        return 1;
    fill(memory);
    modbus_set_slave(context, UNIT);
    if (tcp) {
        serve_tcp(context, memory);
        return 0;
    }
    if (modbus_connect(context) < 0) {
        perror("connect");
        return 1;
    }
    puts("ready");
    fflush(stdout);
    serve(context, memory, modbus_get_socket(context));
    return 0;
}
