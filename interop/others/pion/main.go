// pion/ice, told what to do by lines of JSON and telling what happens the same way.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/ice/v2"
)

type parameters struct {
	Ufrag   string   `json:"ufrag"`
	Pwd     string   `json:"pwd"`
	Lite    bool     `json:"lite"`
	Options []string `json:"options"`
}

type turn struct{ Address, Username, Password string }

type config struct {
	Controlling bool     `json:"controlling"`
	Lite        bool     `json:"lite"`
	RelayOnly   bool     `json:"relayOnly"`
	Addresses   []string `json:"addresses"`
	Turn        *turn    `json:"turn"`
}

type line struct {
	Remote    *parameters `json:"remote"`
	Candidate *string     `json:"candidate"`
	End       *bool       `json:"end"`
	Send      *string     `json:"send"`
	Restart   *bool       `json:"restart"`
	Selected  *bool       `json:"selected"`
}

var out sync.Mutex

func tell(what map[string]interface{}) {
	out.Lock()
	defer out.Unlock()
	text, _ := json.Marshal(what)
	fmt.Println(string(text))
}

func tellError(err error) {
	if err != nil {
		tell(map[string]interface{}{"error": err.Error()})
	}
}

type peer struct {
	config config
	agent  *ice.Agent
	conn   *ice.Conn
	begun  bool
}

func agentConfig(c config) *ice.AgentConfig {
	types := []ice.NetworkType{ice.NetworkTypeUDP4, ice.NetworkTypeUDP6}
	// Its nomination waits for 3 s and more by default where relays are gathered.
	made := &ice.AgentConfig{
		NetworkTypes:    types,
		Lite:            c.Lite,
		IncludeLoopback: true,
		IPFilter: func(ip net.IP) bool {
			for _, wanted := range c.Addresses {
				if ip.Equal(net.ParseIP(wanted)) {
					return true
				}
			}
			return false
		},
	}
	if c.Lite {
		made.CandidateTypes = []ice.CandidateType{ice.CandidateTypeHost}
	}
	if c.RelayOnly {
		made.CandidateTypes = []ice.CandidateType{ice.CandidateTypeRelay}
	}
	if c.Turn != nil {
		host, port, _ := net.SplitHostPort(c.Turn.Address)
		number, _ := strconv.Atoi(port)
		made.Urls = []*ice.URL{{
			Scheme: ice.SchemeTypeTURN, Host: host, Port: number, Username: c.Turn.Username, Password: c.Turn.Password,
			Proto: ice.ProtoTypeUDP,
		}}
	}
	return made
}

func (p *peer) start() error {
	agent, err := ice.NewAgent(agentConfig(p.config))
	if err != nil {
		return err
	}
	p.agent = agent
	if err := agent.OnCandidate(func(c ice.Candidate) {
		if c == nil {
			tell(map[string]interface{}{"end": true})
			return
		}
		tell(map[string]interface{}{"candidate": "candidate:" + c.Marshal()})
	}); err != nil {
		return err
	}
	if err := agent.OnConnectionStateChange(func(s ice.ConnectionState) {
		tell(map[string]interface{}{"state": strings.ToLower(s.String())})
	}); err != nil {
		return err
	}
	if err := p.tellParameters(); err != nil {
		return err
	}
	return agent.GatherCandidates()
}

func (p *peer) tellParameters() error {
	ufrag, pwd, err := p.agent.GetLocalUserCredentials()
	if err != nil {
		return err
	}
	tell(map[string]interface{}{"parameters": parameters{ufrag, pwd, p.config.Lite, []string{}}})
	return nil
}

func (p *peer) connect(remote parameters) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var err error
	if p.config.Controlling {
		p.conn, err = p.agent.Dial(ctx, remote.Ufrag, remote.Pwd)
	} else {
		p.conn, err = p.agent.Accept(ctx, remote.Ufrag, remote.Pwd)
	}
	if err != nil {
		tellError(err)
		return
	}
	buffer := make([]byte, 2048)
	for {
		n, err := p.conn.Read(buffer)
		if err != nil {
			return
		}
		tell(map[string]interface{}{"data": string(buffer[:n])})
	}
}

func (p *peer) take(l line) error {
	switch {
	case l.Remote != nil && p.begun:
		return p.agent.SetRemoteCredentials(l.Remote.Ufrag, l.Remote.Pwd)
	case l.Remote != nil:
		p.begun = true
		go p.connect(*l.Remote)
	case l.Candidate != nil:
		c, err := ice.UnmarshalCandidate(strings.TrimPrefix(*l.Candidate, "candidate:"))
		if err != nil {
			return err
		}
		return p.agent.AddRemoteCandidate(c)
	case l.Send != nil:
		if p.conn == nil {
			return fmt.Errorf("there is no connection")
		}
		_, err := p.conn.Write([]byte(*l.Send))
		return err
	case l.Restart != nil:
		if err := p.agent.Restart("", ""); err != nil {
			return err
		}
		if err := p.tellParameters(); err != nil {
			return err
		}
		return p.agent.GatherCandidates()
	case l.Selected != nil:
		pair, err := p.agent.GetSelectedCandidatePair()
		if err != nil || pair == nil {
			tell(map[string]interface{}{"selected": nil})
			return err
		}
		kinds := pair.Local.Type().String() + " → " + pair.Remote.Type().String()
		tell(map[string]interface{}{"selected": kinds})
	}
	return nil
}

func main() {
	p := &peer{}
	if err := json.Unmarshal([]byte(os.Args[1]), &p.config); err != nil {
		tellError(err)
		return
	}
	if err := p.start(); err != nil {
		tellError(err)
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 65536), 65536)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			tellError(err)
			continue
		}
		tellError(p.take(l))
	}
}
